import { handleGatewayRequest } from "#lib/gateway/mounts/handler";

export const dynamic = "force-dynamic";

// An alias of the contract. Rewrites would be matched against every request.
export {
  handleGatewayRequest as DELETE,
  handleGatewayRequest as GET,
  handleGatewayRequest as PATCH,
  handleGatewayRequest as POST,
  handleGatewayRequest as PUT,
};
