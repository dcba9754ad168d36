"""What the use cases need from the outside, as protocols. Adapters implement them; tests/fakes do too.

Every method may raise `ThrottledError` or `ServiceUnavailableError` (retryable) besides what its docstring names.
Chat and embeddings are LangChain Core's own interfaces (`BaseChatModel`, `Embeddings`), used as they are.

One module an area: clock, objects, documents, jobs, reading, search, messages, questions.
"""
