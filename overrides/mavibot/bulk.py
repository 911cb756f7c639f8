"""What a bulk run gives: `bot.bulk.load_clients(…)` and its like return these."""

from mavibot._bulk import AsyncBulkRun, BulkRun, BulkSummary, ChunkResult, RunOptions

__all__ = ["AsyncBulkRun", "BulkRun", "BulkSummary", "ChunkResult", "RunOptions"]
