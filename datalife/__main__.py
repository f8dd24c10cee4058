"""`python -m datalife`."""

import sys

from datalife.cli import main

sys.exit(main())
