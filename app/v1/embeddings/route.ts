import { handleGatewayRequest } from "#lib/gateway/mounts/handler";

export const dynamic = "force-dynamic";

// A static path costs Next a quarter less CPU than the catch-all route.
export {
  handleGatewayRequest as DELETE,
  handleGatewayRequest as GET,
  handleGatewayRequest as PATCH,
  handleGatewayRequest as POST,
  handleGatewayRequest as PUT,
};
