"use client";

import { useEffect, useRef } from "react";

/** Swagger UI over an OpenAPI document. Requests tried out in it carry the session of whoever is signed in. */
export function ApiReference({ specUrl }: { specUrl: string }) {
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const domNode = place.current;
    if (domNode === null) return;
    let left = false;
    // Only here: it is larger than the rest of the portal together.
    import("swagger-ui-dist/swagger-ui-es-bundle").then(({ default: swaggerUi }) => {
      if (left) return;
      swaggerUi({
        url: specUrl,
        domNode,
        // Its own would send the document to a host of its maker's.
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

/** Swagger UI goes by a class on the root, the portal by an attribute and the system's choice. */
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
