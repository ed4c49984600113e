package io.polystream.process;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/** Signals of the operating system. */
public final class Signals {
  private Signals() {}

  /**
   * Has an action run, in a thread of the JVM's own, when the signal comes, in place of whatever
   * happened before. By reflection: the compiler has no way not to warn of sun.misc.Signal, and
   * there is no other.
   *
   * @param name without SIG
   * @return whether there is such a signal here
   */
  public static boolean handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler run =
          (proxy, method, args) -> {
            action.run();
            return null;
          };
      Object proxy =
          Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, run);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
