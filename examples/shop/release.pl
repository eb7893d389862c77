#!/usr/bin/perl
# Runs once per release, before its processes start: the place for database migrations.
use strict;
use warnings;

print "the shelves are in order\n";
