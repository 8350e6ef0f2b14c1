"""The services of 随手拍, one folder each, all with the same rooms; none imports another."""
