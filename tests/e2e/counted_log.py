"""What programs/counter.pl writes, and what is missing from it."""

import collections
import re

from harness import read_or

COUNTED = re.compile(r"^\S+Z (\d+) (line|bye) (\d+)$")
NOTE_OF_LOSS = re.compile(r"(\d+) lines? \(\d+ bytes?\) w(?:as|ere) lost")


class CountedLog:
    """The lines of one instance of counter.pl, by process."""

    def __init__(self, path):
        self.strange = []  # lines that counter.pl never wrote
        self.notes = []    # reeve's own notes of what was lost
        self.numbers = collections.defaultdict(list)
        self.said_bye = set()
        for line in read_or(path).splitlines():
            match = COUNTED.match(line)
            if match:
                self.numbers[int(match[1])].append(int(match[3]))
                if match[2] == "bye":
                    self.said_bye.add(int(match[1]))
            elif NOTE_OF_LOSS.search(line) or " reeve: " in line:
                self.notes.append(line)
            else:
                self.strange.append(line)

    def gaps(self):
        """What is missing or stands twice, in words."""
        wrong = [f"strange line: {line!r}" for line in self.strange]
        for pid, numbers in self.numbers.items():
            if numbers != list(range(len(numbers))):
                odd = next(at for at, number in enumerate(numbers) if number != at)
                wrong.append(f"pid {pid}: …{numbers[max(0, odd - 3):odd + 3]}…")
        return wrong
