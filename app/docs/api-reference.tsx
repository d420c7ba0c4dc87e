"use client";

import { useEffect, useRef } from "react";

/** Swagger UI for an OpenAPI document. Its requests use the reader's portal session. */
export function ApiReference({ specUrl }: { specUrl: string }) {
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const domNode = place.current;
    if (domNode === null) return;
    let left = false;
    // Loaded on demand: it is larger than the rest of the portal.
    import("swagger-ui-dist/swagger-ui-es-bundle").then(({ default: swaggerUi }) => {
      if (left) return;
      swaggerUi({
        url: specUrl,
        domNode,
        // The default validator would send the document to an external host.
        validatorUrl: null,
        deepLinking: true,
        docExpansion: "list",
        defaultModelsExpandDepth: 0,
      });
    });
    return () => {
      left = true;
      domNode.replaceChildren();
    };
  }, [specUrl]);

  useEffect(followColours, []);

  return <div ref={place} className="min-h-dvh leading-normal" />;
}

/** Keeps Swagger UI's class for dark mode in step with the portal's theme. */
function followColours(): () => void {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () =>
    root.classList.toggle("dark-mode", (root.dataset.theme ?? (system.matches ? "dark" : "")) === "dark");
  follow();
  system.addEventListener("change", follow);
  return () => {
    system.removeEventListener("change", follow);
    root.classList.remove("dark-mode");
  };
}
