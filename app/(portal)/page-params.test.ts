import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import { reportQuery } from "#lib/portal/usage/report-query";
import { daysBefore, windowBefore } from "#lib/portal/usage/usage-period";
import { listAuditLog } from "#lib/services/audit/list-audit-log";
import { createdPageQuery } from "#lib/services/created-page";
import { textField } from "#lib/services/fields";
import { metadataFilter } from "#lib/services/metadata";
import { listRequests } from "#lib/services/requests/list-requests";
import { usageReport } from "#lib/services/usage/usage-report";
import {
  metadataOf,
  parseAsCursor,
  parseAsDay,
  parseAsPair,
  parseAsSearch,
  parseAsUuid,
  parseAsWord,
} from "./address-parsers";
import { auditParsers, loadAuditParams, toAuditQuery } from "./audit/audit-params";
import { loadRequestParams, requestParsers, toQuery } from "./requests/request-params";
import { loadUsageParams, toBreakdownQuery, usageParsers } from "./usage/usage-params";

/** What someone may write into the address bar: near to what is meant, and far from it. */
const values = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme", minLength: 90, maxLength: 250 }),
  fc.uuid(),
  fc.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  fc.stringMatching(/^\d{1,18}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  fc.stringMatching(/^\d{1,20}$/),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  fc.constantFrom(
    "0000-01-01",
    "0001-01-01",
    "0999-12-31",
    "1000-01-01",
    "9999-12-31",
    "00000000-0000-0000-0000-000000000000",
    "a\0",
    "\ud83d",
    `${"x".repeat(99)}😀`,
    "😀".repeat(150),
    "   ",
    "24h",
    "true",
    "settled",
    "user",
    "metadata:team",
    "metadata: a",
    "metadata:",
    "metadata:\ud83d",
  ),
);
const queryOf = (names: readonly string[]) =>
  fc
    .record(Object.fromEntries(names.map((name) => [name, fc.option(values)])))
    .map((query) =>
      Object.fromEntries(
        Object.entries(query).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
      ),
    );

describe("whatever the address of a page says, the service accepts what the page asks for:", () => {
  test.each([
    [
      "requests",
      requestParsers,
      async (query: Record<string, string>) => {
        parseInput(listRequests.input, toQuery(await loadRequestParams(query), Date.now()));
      },
    ],
    [
      "audit log",
      auditParsers,
      async (query: Record<string, string>) => {
        parseInput(listAuditLog.input, toAuditQuery(await loadAuditParams(query)));
      },
    ],
    [
      "usage",
      usageParsers,
      async (query: Record<string, string>) => {
        const asked = toBreakdownQuery(await loadUsageParams(query), "2026-03-14");
        const { isPart: _, ...before } = windowBefore(
          asked.days,
          daysBefore(asked.days, asked.period),
          new Date("2026-03-14T12:00:00Z"),
        );
        for (const window of [{}, before])
          parseInput(usageReport.input, { ...reportQuery(asked), ...window });
        expect(asked.days.first <= asked.days.last).toBe(true);
      },
    ],
  ])("%s", async (_page, parsers, ask) => {
    await fc.assert(fc.asyncProperty(queryOf(Object.keys(parsers)), ask), { numRuns: 1000 });
  });

  test.each([
    ["an id", parseAsUuid, z.uuid()],
    ["a cursor", parseAsCursor, createdPageQuery.cursor],
    ["a day", parseAsDay, z.iso.date()],
    ["a name", parseAsWord, textField(200).min(1)],
    ["a search", parseAsSearch, textField(100)],
  ])("%s", (_what, parser, schema) => {
    fc.assert(
      fc.property(values, (value) => {
        const parsed = parser.parse(value);
        if (parsed !== null) expect(schema.safeParse(parsed).success).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("a pair of metadata", () => {
    const pairs = fc.oneof(
      values,
      fc.tuple(values, values).map(([name, value]) => `${name}=${value}`),
    );
    fc.assert(
      fc.property(pairs, (text) => {
        expect(metadataFilter.safeParse(metadataOf(parseAsPair.parse(text))).success).toBe(true);
      }),
      { numRuns: 1000 },
    );
    const pair = { name: "cost center", value: "a=b" };
    expect(parseAsPair.parse(parseAsPair.serialize(pair))).toEqual(pair);
  });
});
