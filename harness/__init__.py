"""Makes records: trains, exports, reads and scores submissions in closed rooms."""
