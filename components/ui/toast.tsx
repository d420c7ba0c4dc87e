"use client";

import { Toast as Radix } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

type Message = { id: number; text: string };

const ToastContext = createContext<(text: string) => void>(() => {});

/** Shows a short message: `useToast()("Key revoked.")`. */
export const useToast = () => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<Message[]>([]);
  const show = useCallback((text: string) => setMessages((all) => [...all, { id: Date.now(), text }]), []);
  const remove = (id: number) => setMessages((all) => all.filter((message) => message.id !== id));
  return (
    <ToastContext value={show}>
      <Radix.Provider swipeDirection="right" duration={4000}>
        {children}
        {messages.map((message) => (
          <Radix.Root
            key={message.id}
            onOpenChange={(open) => !open && remove(message.id)}
            className="animate-rise rounded-lg bg-ink px-4 py-2.5 text-canvas text-sm shadow-pop data-[swipe=move]:translate-x-(--radix-toast-swipe-move-x)"
          >
            <Radix.Description>{message.text}</Radix.Description>
          </Radix.Root>
        ))}
        <Radix.Viewport className="fixed right-4 bottom-4 z-50 flex flex-col gap-2 outline-none" />
      </Radix.Provider>
    </ToastContext>
  );
}
