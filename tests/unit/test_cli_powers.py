"""Powers on the command line."""

import json

import pytest

from support.command import Cli

LIST = """
[[power]]
power_id = "F1"
holder = "post:chief"
action = "fund.pay"
limit = "1_000 CNY"
delegate_days = 30
approvals = { n = 1, of = "role:board" }

[[power]]
power_id = "F2"
holder = "li"
action = "fund.stop"
glass_hours = 4

[[post]]
person = "li"
post = "post:chief"

[[post]]
person = "wang"
post = "role:board"
"""
