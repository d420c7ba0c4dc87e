import { getRejection } from "#lib/services/rejections/get-rejection";
import { listRejections } from "#lib/services/rejections/list-rejections";
import { rejectionsCsv } from "#lib/services/rejections/rejections-csv";
import { type Operation, operation } from "./operation";

export const rejectionOperations: readonly Operation[] = [
  operation("GET /rejections", listRejections, {
    summary: "List rejected requests",
    description:
      "Who was rejected, why and how often, by the hour, newest first: requests that Tollgate answered with an error before a hold was placed or a provider was called. They are counted rather than listed one by one, so that a flood of them costs nothing, and appear within about a second. Requests that were accepted, and their outcomes, are in `/requests`. As CSV, one file has all that match, at most 20 000 groups.",
    tag: "Requests",
    csv: rejectionsCsv,
  }),
  operation("GET /rejections/{request_id}", getRejection, {
    summary: "Get a rejected request",
    description:
      "Why one request was rejected, by the `x-request-id` of its answer: for a budget, whose it is, what it had left and what the request needed. It is there within about a second of that answer. Only the last few requests of each kind and hour are kept, those that `last_request_ids` lists.",
    tag: "Requests",
  }),
];
