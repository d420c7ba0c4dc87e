import { handleGatewayRequest } from "#lib/gateway/mounts/handler";

export const dynamic = "force-dynamic";

// All methods, so that an unsupported one gets the data plane's own error shape.
export {
  handleGatewayRequest as DELETE,
  handleGatewayRequest as GET,
  handleGatewayRequest as PATCH,
  handleGatewayRequest as POST,
  handleGatewayRequest as PUT,
};
