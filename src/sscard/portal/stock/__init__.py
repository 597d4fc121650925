"""Production and stock: batches with counts that add up, the bank's files, release, the producer's return, boxes, outlets."""
