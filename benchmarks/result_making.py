"""Makes the file that `result_exporting` reads: `python -m benchmarks.result_making 1000000`."""

import sys

from benchmarks.result_file import result_file

if __name__ == "__main__":
    result_file(int(sys.argv[1]))
