import type { IncomingHttpHeaders } from "node:http";

/** Whether a request says who sends it as clients of the API do; a browser in front of the portal does not. */
export const hasApiCredential = (headers: IncomingHttpHeaders): boolean =>
  /^bearer /i.test(headers.authorization ?? "") ||
  headers["x-api-key"] !== undefined ||
  headers.apikey !== undefined ||
  headers["x-gateway-secret"] !== undefined;
