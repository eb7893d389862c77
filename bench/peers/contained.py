"""The least with a group, a record and a log pipe for each run (bench/programs/contained.c)."""

from peers.limit import Limit


class Contained(Limit):
    name = "contained"
