"""The weekly plan: an instance of bulletins, zones and sessions goes in, a plan with a proved bound comes out.

`instance` is the format, `greedy` a first plan, `model` the solver (the only module that needs HiGHS: import it where
a plan is solved, not before), `verify` the check that shares no code with either.
"""
