import { handleGatewayRequest } from "#lib/gateway/mounts/handler";

export const dynamic = "force-dynamic";

// Also without /v1.
export {
  handleGatewayRequest as DELETE,
  handleGatewayRequest as GET,
  handleGatewayRequest as PATCH,
  handleGatewayRequest as POST,
  handleGatewayRequest as PUT,
};
