// Judges Swagger 2.0 documents by go-openapi: a line of JSON for each file below a folder,
// {"file", "valid", "document"}; what cannot be loaded is left out.
package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-openapi/loads"
	"github.com/go-openapi/strfmt"
	"github.com/go-openapi/validate"
)

type verdict struct {
	File     string          `json:"file"`
	Valid    bool            `json:"valid"`
	Errors   []string        `json:"errors,omitempty"`
	Document json.RawMessage `json:"document"`
}

func judge(path string) (found *verdict) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	doc, err := loads.Spec(path)
	if err != nil || doc.Spec() == nil || doc.Spec().Swagger != "2.0" {
		return nil
	}
	raw := append(json.RawMessage(nil), doc.Raw()...)
	validator := validate.NewSpecValidator(doc.Schema(), strfmt.Default)
	validator.SetContinueOnErrors(true)
	result, _ := validator.Validate(doc)
	found = &verdict{File: path, Valid: result.IsValid(), Document: raw}
	for _, err := range result.Errors {
		found.Errors = append(found.Errors, err.Error())
	}
	return found
}

func main() {
	out := json.NewEncoder(os.Stdout)
	filepath.WalkDir(os.Args[1], func(path string, entry fs.DirEntry, err error) error {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".json", ".yaml", ".yml":
			if found := judge(path); found != nil {
				found.File, _ = filepath.Rel(os.Args[1], path)
				out.Encode(found)
			}
		}
		return nil
	})
}
