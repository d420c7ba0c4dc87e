import { handleAdminRequest } from "#lib/admin-api/handler";

export const dynamic = "force-dynamic";

// Every method, so that a wrong one is answered in the API's own error shape.
export {
  handleAdminRequest as DELETE,
  handleAdminRequest as GET,
  handleAdminRequest as OPTIONS,
  handleAdminRequest as PATCH,
  handleAdminRequest as POST,
  handleAdminRequest as PUT,
};
