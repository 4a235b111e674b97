# The handler of awslambdaric, the runtime for Python; greets as the others do.
def hello(event, context):
    return {"message": "Hello, " + event.get("name", "world")}
