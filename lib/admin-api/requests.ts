import { getRequest } from "#lib/services/requests/get-request";
import { listRequests } from "#lib/services/requests/list-requests";
import { requestsCsv } from "#lib/services/requests/requests-csv";
import { type Operation, operation } from "./operation";

const tag = "Requests";

export const requestOperations: readonly Operation[] = [
  operation("GET /requests", listRequests, {
    summary: "List requests",
    description:
      "The ledger, newest first: requests and manual adjustments. `format=csv` answers all of them, however many.",
    csv: requestsCsv,
    tag,
  }),
  operation("GET /requests/{id}", getRequest, {
    summary: "Get a request",
    description: "By its id, or else the newest one with that id of the client's (`client_request_id`).",
    tag,
  }),
];
