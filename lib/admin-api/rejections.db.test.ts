import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRejectionWorld } from "#lib/services/rejections/testing/rejection-world";
import { operations } from "./operations";
import { createTestApi, type TestApi } from "./testing/test-api";

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi({ operations, world: await createRejectionWorld() });
});
afterAll(() => api.world.drop());

describe("GET /rejections", () => {
  test("answers the same at its older path, /refusals", async () => {
    for (const query of ["", "?format=csv", "?limit=0", "?code=invalid_api_key", "?color=red"]) {
      const [current, alias] = [
        await api.send("GET", `/rejections${query}`),
        await api.send("GET", `/refusals${query}`),
      ];
      if (query === "") expect(current.body.data).not.toEqual([]);
      expect([alias.status, alias.body]).toEqual([current.status, current.body]);
    }
  });
});
