declare const brand: unique symbol;

/** A `T` that only the function named by `Name` may make: evidence, in the type, that a check ran. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
