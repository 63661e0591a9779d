package segops

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestReadme_OptionsTable_HasEveryField(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	options := reflect.TypeOf(Options{})
	for i := 0; i < options.NumField(); i++ {
		if name := options.Field(i).Name; !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("README.md does not describe %s", name)
		}
	}
}

func TestChangelog_LatestEntry_IsTheVersion(t *testing.T) {
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	_, entry, _ := strings.Cut(string(text), "\n## ")
	if !strings.HasPrefix(entry, Version+" ") {
		t.Errorf("the latest entry of CHANGELOG.md is not %s", Version)
	}
}
