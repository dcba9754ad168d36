"""A server that speaks the wire protocols of Bedrock, SageMaker and Textract, with real small models behind them."""
