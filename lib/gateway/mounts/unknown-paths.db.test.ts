import { describe, expect, test } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "instant" }] });

describe.each(bothMounts(gate))("on the %s mount, an unknown path", (_, send) => {
  test.each([
    ["/openai/v1/chat/completions", "Use /v1/chat/completions."],
    ["/openai/deployments/gpt-5/chat/completions?api-version=1", "Use /v1/chat/completions."],
    ["/anthropic/v1/messages/count_tokens", "Use /v1/messages/count_tokens."],
    ["/llm/chat/completions/", "Use /v1/chat/completions."],
    ["/v1/v1/models", "Use /v1/models."],
    ["/llm/v1/batches", "The endpoints are /v1/models, /v1/me, /v1/chat/completions,"],
    ["/v1", "The endpoints are /v1/models,"],
  ])("%s is an error that names it and what to use", async (path, instead) => {
    for (const method of ["GET", "POST"]) {
      const answer = await send(path, { method });
      const { error } = await answer.json();
      expect([answer.status, error.code]).toEqual([404, "not_found"]);
      expect(error.message).toContain(`Not found: ${method} ${path.split("?")[0]}. ${instead}`);
    }
  });
});
