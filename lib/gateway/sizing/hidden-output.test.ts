import { expect, test } from "vitest";
import { mayHideOutput } from "./hidden-output";

test.each([
  "gpt-3.5-turbo",
  "gpt-35-turbo-16k",
  "gpt-4",
  "gpt-4-turbo-2024-04-09",
  "gpt-4o",
  "openai/gpt-4o-mini",
  "ft:gpt-4o:acme::id",
  "gpt-4.1-nano",
  "chatgpt-4o-latest",
  "claude-3-opus-20240229",
  "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
  "anthropic/claude-3.5-haiku",
  "meta-llama/Llama-3.3-70B-Instruct",
  "llama3.1:8b",
  "meta.llama3-70b-instruct-v1:0",
  "mixtral-8x7b-32768",
  "mistral-large-latest",
  "codestral-2501",
  "google/gemma-3-27b-it",
  "gemini-2.0-flash",
  "gemini-1.5-pro",
  "command-r-plus",
  "phi-4",
  "qwen2.5-72b-instruct",
])("%s shows all that it generates", (upstreamModel) => {
  expect(mayHideOutput(upstreamModel)).toBe(false);
});

test.each([
  "gpt-5-mini",
  "gpt-5.2",
  "gpt-40",
  "o1",
  "o4-mini",
  "claude-3-7-sonnet-20250219",
  "claude-sonnet-4-5",
  "claude-opus-4-7",
  "gemini-2.0-flash-thinking-exp",
  "gemini-2.5-flash",
  "gemini-3-pro",
  "deepseek-chat",
  "deepseek-r1-distill-llama-3-70b",
  "nvidia/llama-3.3-nemotron-super-49b",
  "llama-4-maverick",
  "magistral-medium",
  "mistral-small-latest",
  "phi-4-reasoning",
  "qwen3-32b",
  "qwq-32b",
  "grok-3-mini",
  "grok-4",
  "command-a-reasoning",
  "gpt-oss-120b",
  "gpt-4o-search-preview",
  "my-deployment",
  "",
])("%s may generate what it does not show", (upstreamModel) => {
  expect(mayHideOutput(upstreamModel)).toBe(true);
});
