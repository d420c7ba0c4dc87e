import { z } from "zod";
import { pageOf } from "#lib/services/page";
import { ListRejectionsQuery, listRejections } from "#lib/services/rejections/list-rejections";
import { Rejection } from "#lib/services/rejections/rejection";
import { rejectionsCsv } from "#lib/services/rejections/rejections-csv";
import { type Operation, operation } from "./operation";

export const rejectionOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/rejections",
    summary: "List refused requests",
    description:
      "Who was refused, why and how often, by the hour, newest first: what the data plane has answered with an error before anything was held or sent to a provider. Counted, not listed one by one, so that a flood of them costs nothing; a few seconds old. Requests that were let through, and what became of them, are in `/requests`.",
    tag: "Requests",
    status: 200,
    input: ListRejectionsQuery.extend({
      format: z
        .enum(["json", "csv"])
        .default("json")
        .describe("`csv` answers text/csv, as a download: not a page, but all, up to 20 000 groups."),
    }),
    output: pageOf(Rejection),
    otherMediaTypes: ["text/csv"],
    run: async (ctx, { format, ...query }) => {
      if (format === "json") return listRejections(ctx, query);
      const { limit: _limit, cursor: _cursor, ...filter } = query;
      return new Response(await rejectionsCsv(ctx, filter), {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": 'attachment; filename="rejections.csv"',
        },
      });
    },
  }),
];
