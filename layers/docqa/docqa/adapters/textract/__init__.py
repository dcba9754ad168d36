"""Amazon Textract: jobs, and what a reader sees on the pages of their results.

extractor ▸ results ▸ page_text ▸ layout (reading_order), tables, forms ▸ blocks ▸ geometry; table_signs on the side.
"""

from docqa.adapters.textract.extractor import TextractTextExtractor

__all__ = ["TextractTextExtractor"]
