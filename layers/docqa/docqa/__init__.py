"""docqa: answers from an organisation's own documents, each with the page and the sentence that says so."""
