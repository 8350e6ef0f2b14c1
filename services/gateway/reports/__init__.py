"""Monthly reports of divisions: made in the background, as a workbook and as a page to print."""
