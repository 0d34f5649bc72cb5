#!/usr/bin/env python3
"""Django's command line, with the instance's services started or shared when a command needs them."""

import sys

from trading_center.command_line import run

if __name__ == "__main__":
    sys.exit(run(sys.argv))
