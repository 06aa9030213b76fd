"""Who is told of what happens to workitems, and how (decision 0046).

DICOM PS3.4 CC.2.3 and CC.2.4, PS3.18 8.10 and 11.10 to 11.13. Events are views of the
change feed: nothing is written for a subscriber and an event.

- `reports` (pure): what an entry tells, as the data sets of event reports.
- `watching` (pure): whether a subscriber is told of a workitem.
- `number` (pure): the numbers of events, by which a client goes on.
- `subscribe`, `filters`, `locks`: what subscribers ask for, and what follows of it.
- `subscribers`: who they are, and how far they have been told.
- `hearing`: whether who performs a workitem hears a wish to cancel it.
- `reading`, `initial`: what is read of the database for many subscribers at once.
- `hub`, `channel`: from there to the clients that are connected.
"""
