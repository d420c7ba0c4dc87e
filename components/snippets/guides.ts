import type { Snippet } from "#components/ui/code-tabs";
import { AGENTS, type Facts } from "#lib/guides/agents";
import { SDK_GUIDES } from "#lib/guides/sdks";

/** Code that sends a request to this gateway, by language and SDK. `apiKey` may be a placeholder. */
export const sdkSnippets = (facts: Facts): Snippet[] =>
  SDK_GUIDES.map(({ id, label, code }) => ({ id, label, code: code(facts) }));

/** The settings of coding agents, with the file that they belong in and the command that writes them. */
export const agentSnippets = (facts: Facts): Snippet[] =>
  AGENTS.map(({ id, label, file, settings, start }) => ({
    id,
    label,
    code: settings(facts),
    ...(file !== null && {
      place: `In ${file}, started by "${start}". Or run:`,
      command: `npx tollgate configure ${id} --url ${facts.origin} --key ${facts.apiKey} --write`,
    }),
  }));
