import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLIENT_AGENTS, type ClientAgent } from "./agents";
import { type ExpectedRow, expectedRow } from "./expected-rows";
import { PICTURE } from "./picture";
import { startTollgate } from "./tollgate-server";
import { scriptedBedrock } from "./upstreams/bedrock";
import { scriptedChat } from "./upstreams/chat";
import { scriptedGemini } from "./upstreams/gemini";
import { begin, isOfAgent } from "./upstreams/script";
import { COMMAND, projectOf, RESULT, workWithAgent } from "./work-with-agent";

const PRICE = {
  input_per_mtok: "1",
  output_per_mtok: "2",
  cache_read_per_mtok: "0.1",
  cache_write_per_mtok: "1.25",
  cache_write_1h_per_mtok: "2",
};
const PICTURE_NAME = "picture.png";
const BASE64 = PICTURE.toString("base64");

const server = await startTollgate();
const upstreams = await Promise.all([scriptedGemini(), scriptedBedrock(), scriptedChat()]);
for (const { name, provider, upstreamModel } of upstreams) {
  const { id } = await server.api("POST", "/providers", { name, ...provider });
  const targets = [{ provider_id: id, upstream_model: upstreamModel }];
  await server.api("POST", "/models", {
    name: modelOf(name),
    targets,
    price: PRICE,
    context_window: 200_000,
  });
}

describe.each(upstreams)("by a model behind $name", (upstream) => {
  const { script } = upstream;

  test.each(CLIENT_AGENTS)("$package@$version thinks, runs a tool and sees a picture", async (agent) => {
    const model = modelOf(upstream.name);
    const file = join(projectOf(server, agent, model), PICTURE_NAME);
    writeFileSync(file, PICTURE);
    const { attached, read } = pictureFor(agent, file);
    begin(script, [agent.command(COMMAND), ...read]);
    const prompt = `Please count, and look at ${file}.`;
    const done = await workWithAgent(server, agent, { model, prompt, args: attached });

    expect(done).toMatchObject({ proof: RESULT, rejected: [] });
    const turns = script.requests.filter((told) => isOfAgent(script, told));
    const withTool = read.length > 0;
    expect(turns.map(({ results }) => results.length)).toEqual(withTool ? [0, 1, 2] : [0, 1]);
    expect(turns[1]?.results[0]).toContain(RESULT);
    expect(turns.map(({ reasoning }) => reasoning)).toEqual(
      turns.map((_, at) => Array.from({ length: at }, (_, turn) => upstream.reasoningOf(turn))),
    );
    expect(turns.map(({ pictures }) => pictures)).toEqual(
      turns.map((_, at) => (withTool && at < 2 ? [] : [BASE64])),
    );
    const byInput = (a: ExpectedRow, b: ExpectedRow) => a.input_tokens - b.input_tokens;
    expect(done.rows.toSorted(byInput)).toMatchObject(
      script.requests.map((_, at) => ({
        ...expectedRow(upstream.usageOf(at), agent.endpoint, PRICE),
        provider: upstream.name,
      })),
    );
  });
});

function modelOf(upstream: string): string {
  return `by-${upstream.toLowerCase().replaceAll(" ", "-")}`;
}

function pictureFor({ picture }: ClientAgent, file: string) {
  return "read" in picture
    ? { attached: [], read: [picture.read(file)] }
    : { attached: picture.attach(file), read: [] };
}
