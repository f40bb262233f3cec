// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/icon.h"

#include <QDir>
#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

static void loadIconResource() { Q_INIT_RESOURCE(icons); }

namespace moescope {

namespace {

const QString kFolder = QStringLiteral(":/moescope/icons/");

QByteArray svgText(const QString& name, const QColor& color)
{
    static const bool loaded = (loadIconResource(), true);
    Q_UNUSED(loaded)
    QFile file(kFolder + name + QStringLiteral(".svg"));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning("no icon named \"%s\"", qUtf8Printable(name));
        return {};
    }
    return file.readAll().replace("currentColor", color.name().toLatin1());
}

void paintIcon(QPainter& painter, const QString& name, const QRectF& rect, const QColor& color)
{
    const QByteArray text = svgText(name, color);
    if (text.isEmpty())
        return;
    QSvgRenderer renderer(text);
    renderer.render(&painter, rect);
}

class TintedIcon : public QIconEngine {
public:
    explicit TintedIcon(QString name)
        : m_name(std::move(name))
    {
    }
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        const int side = std::min(rect.width(), rect.height());
        const QPixmap pixmap = iconPixmap(m_name, side, painter->device()->devicePixelRatio(), color(mode));
        painter->drawPixmap(rect.x() + (rect.width() - side) / 2, rect.y() + (rect.height() - side) / 2, pixmap);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override
    {
        return iconPixmap(m_name, std::min(size.width(), size.height()), 1, color(mode));
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal scale) override
    {
        const int side = std::min(size.width(), size.height());
        return iconPixmap(m_name, int(side / scale), scale, color(mode));
    }
    QSize actualSize(const QSize& size, QIcon::Mode, QIcon::State) override
    {
        const int side = std::min(size.width(), size.height());
        return {side, side};
    }
    QIconEngine* clone() const override { return new TintedIcon(m_name); }
    QString key() const override { return QStringLiteral("moescope"); }
    QString iconName() override { return m_name; }
    bool isNull() override { return false; }

private:
    static QColor color(QIcon::Mode mode)
    {
        return mode == QIcon::Disabled ? currentTheme().text3 : currentTheme().text2;
    }
    QString m_name;
};

}  // namespace

QIcon icon(const QString& name)
{
    if (svgText(name, currentTheme().text2).isEmpty())
        return {};
    return QIcon(new TintedIcon(name));
}

QPixmap iconPixmap(const QString& name, int size, qreal devicePixelRatio, const QColor& color)
{
    const QString key =
        QStringLiteral("moescope-%1-%2-%3-%4").arg(name).arg(size).arg(devicePixelRatio).arg(color.name());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = QPixmap(QSize(size, size) * devicePixelRatio);
    pixmap.setDevicePixelRatio(devicePixelRatio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintIcon(painter, name, QRectF(0, 0, size, size), color);
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

QStringList iconNames()
{
    svgText(QStringLiteral("start"), Qt::black);
    QStringList names = QDir(kFolder).entryList({QStringLiteral("*.svg")}, QDir::Files, QDir::Name);
    for (QString& name : names)
        name.chop(4);
    return names;
}

}  // namespace moescope
