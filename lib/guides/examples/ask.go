// TOLLGATE_URL=http://localhost:3000 TOLLGATE_API_KEY=tg_live_… go run ask.go gpt-5-mini "Hello"
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

type chunk struct {
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
	} `json:"choices"`
}

type failure struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func main() {
	model, question := "gpt-5-mini", "Hello"
	if len(os.Args) > 2 {
		model, question = os.Args[1], os.Args[2]
	}
	if err := ask(model, question); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ask(model, question string) error {
	url := os.Getenv("TOLLGATE_URL")
	if url == "" {
		url = "http://localhost:3000"
	}
	body, err := json.Marshal(map[string]any{
		"model":      model,
		"messages":   []map[string]string{{"role": "user", "content": question}},
		"max_tokens": 500,
		"stream":     true,
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, url+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TOLLGATE_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Tollgate-Tags", "example")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		// 429 with the header retry-after is worth another try; insufficient_quota has none.
		var failed failure
		if err := json.NewDecoder(answer.Body).Decode(&failed); err != nil {
			return err
		}
		return fmt.Errorf("%d %s: %s", answer.StatusCode, failed.Error.Code, failed.Error.Message)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data := strings.TrimPrefix(lines.Text(), "data: ")
		if !strings.HasPrefix(data, "{") {
			continue
		}
		var event chunk
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			return err
		}
		for _, choice := range event.Choices {
			fmt.Print(choice.Delta.Content)
		}
	}
	fmt.Println()
	fmt.Fprintln(os.Stderr, "request", answer.Header.Get("X-Request-Id"))
	return lines.Err()
}
