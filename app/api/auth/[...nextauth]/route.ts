import type { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { authOptions } from "#lib/auth/options";

type Context = { params: Promise<{ nextauth: string[] }> };

/** Options are made per request: the configuration is not there while the app is built. */
const handler = (request: NextRequest, context: Context): Promise<Response> =>
  NextAuth(request, context, authOptions());

export { handler as GET, handler as POST };
