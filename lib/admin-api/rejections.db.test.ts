import { describe, expect, test } from "vitest";
import { rejectionWorldOfFile } from "#lib/services/rejections/testing/rejection-world";
import { operations } from "./operations";
import { createTestApi } from "./testing/test-api";

const api = await createTestApi({ operations, world: await rejectionWorldOfFile() });

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
