"""The API and its pages. Time zones are those of the locked `tzdata` package, as the rows record them."""

from zoneinfo import reset_tzpath

# Not the machine's: two processes must not disagree about an hour.
reset_tzpath(to=())
