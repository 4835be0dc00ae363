"""`modules` of dbt: the Python modules that models may use."""

import datetime
import itertools
import re

__all__ = ["datetime", "itertools", "re"]
