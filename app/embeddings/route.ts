import { handleGatewayRequest } from "#lib/gateway/mounts/handler";

export const dynamic = "force-dynamic";

// An alias of /v1 (lib/dialects/paths.ts). Next would match a rewrite against every request.
export {
  handleGatewayRequest as DELETE,
  handleGatewayRequest as GET,
  handleGatewayRequest as PATCH,
  handleGatewayRequest as POST,
  handleGatewayRequest as PUT,
};
