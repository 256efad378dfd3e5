package sightline.router.prompt;

import java.beans.FeatureDescriptor;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import jinjava.javax.el.ELContext;
import jinjava.javax.el.ELResolver;
import org.jspecify.annotations.Nullable;

/** Gives templates Python's string methods; resolves nothing else, so that the next resolver is asked. */
final class PythonMethods extends ELResolver {

    @Override
    public @Nullable Object invoke(ELContext context, Object base, Object method, Class<?> @Nullable [] types,
            Object @Nullable [] arguments) {
        if (!(base instanceof String text) || arguments == null)
            return null;
        var result = PythonText.call(text, String.valueOf(method),
                Arrays.stream(arguments).map(String::valueOf).toList());
        result.ifPresent(_ -> context.setPropertyResolved(true));
        return result.orElse(null);
    }

    @Override
    public @Nullable Object getValue(ELContext context, Object base, Object property) {
        return null;
    }

    @Override
    public @Nullable Class<?> getType(ELContext context, Object base, Object property) {
        return null;
    }

    @Override
    public void setValue(ELContext context, Object base, Object property, Object value) {
        // nothing can be set: not resolved
    }

    @Override
    public boolean isReadOnly(ELContext context, Object base, Object property) {
        return true;
    }

    @Override
    public Iterator<FeatureDescriptor> getFeatureDescriptors(ELContext context, Object base) {
        return Collections.emptyIterator();
    }

    @Override
    public @Nullable Class<?> getCommonPropertyType(ELContext context, Object base) {
        return null;
    }
}
