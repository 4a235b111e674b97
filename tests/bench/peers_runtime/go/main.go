// The runtime for Go, as its README has it; greets as the others do.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Name string `json:"name"`
}

type answer struct {
	Message string `json:"message"`
}

func hello(_ context.Context, event event) (answer, error) {
	name := event.Name
	if name == "" {
		name = "world"
	}
	return answer{"Hello, " + name}, nil
}

func main() {
	lambda.Start(hello)
}
