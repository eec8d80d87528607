"""The ledger on the command line."""

import json

import pytest

import liandong as ld
from support.command import run as command

ACCOUNTS = """account_id,owner_id,unit,code,capped
a,o,tce,memo,
b,o,tce,memo,debits
"""
ENTRIES = """entry_id,debit,credit,amount,unit,phase,event_time,linked
1,a,b,100,tce,posted,2026-03-01,false
2,b,a,70,tce,posted,2026-03-02,true
3,b,a,70,tce,posted,2026-03-02,false
"""
