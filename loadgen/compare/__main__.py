"""`python -m loadgen.compare`."""

import sys

from loadgen.compare.cli import main

sys.exit(main(sys.argv[1:]))
