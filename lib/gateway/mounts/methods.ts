import { handleGatewayRequest } from "./handler";

/** What each route file of the data plane exports: all methods, so that an unsupported one gets our own error shape. */
export const METHODS = {
  DELETE: handleGatewayRequest,
  GET: handleGatewayRequest,
  PATCH: handleGatewayRequest,
  POST: handleGatewayRequest,
  PUT: handleGatewayRequest,
};
