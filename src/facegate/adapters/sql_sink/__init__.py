"""A copy of terminal activity in another SQL database, in the table that the old server wrote."""

from facegate.adapters.sql_sink.address import SinkAddress, copy_name, sink_url
from facegate.adapters.sql_sink.sink import SqlActivitySink, open_sink

__all__ = ["SinkAddress", "SqlActivitySink", "copy_name", "open_sink", "sink_url"]
