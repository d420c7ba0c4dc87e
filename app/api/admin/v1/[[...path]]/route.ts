import { handleAdminRequest } from "#lib/admin-api/handler";

export const dynamic = "force-dynamic";

// All methods, so that an unsupported one gets the API's own error shape.
export {
  handleAdminRequest as DELETE,
  handleAdminRequest as GET,
  handleAdminRequest as OPTIONS,
  handleAdminRequest as PATCH,
  handleAdminRequest as POST,
  handleAdminRequest as PUT,
};
